// Name and password.
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Session } from "~/api/types";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { FormError } from "~/ui/states";
import { signIn } from "./queries";

export function SignInForm({ onSession }: { onSession: (session: Session) => void }) {
  const [missing, setMissing] = useState<{ username?: string; password?: string }>({});
  const login = useMutation({
    mutationFn: (form: { username: string; password: string }) =>
      signIn(form.username, form.password),
    onSuccess: onSession,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const username = String(data.get("username") ?? "").trim();
    const password = String(data.get("password") ?? "");
    setMissing({
      username: username ? undefined : "Enter your user name.",
      password: password ? undefined : "Enter your password.",
    });
    if (username && password) login.mutate({ username, password });
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={missing.username}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        error={missing.password}
      />
      <FormError error={login.error} />
      <Button type="submit" look="primary" busy={login.isPending}>
        Sign in
      </Button>
    </form>
  );
}
