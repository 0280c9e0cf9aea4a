// A value to take away: shown in full, copied with one press.
import { useState } from "react";
import { copyText } from "~/lib/copy";
import { Button, IconButton } from "./Button";

export function CopyButton({ value, label }: { value: string; label: string }) {
  const [done, setDone] = useState(false);
  return (
    <IconButton
      icon={done ? "check" : "copy"}
      label={done ? "Copied" : label}
      className="size-8! md:size-8!"
      onClick={() => void copyText(value).then(setDone)}
      onBlur={() => setDone(false)}
    />
  );
}

export function CopyField({ label, value }: { label: string; value: string }) {
  const [done, setDone] = useState(false);
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <span className="text-sm font-semibold">{label}</span>
      <div className="flex items-stretch gap-2">
        <code className="min-w-0 flex-1 rounded-lg border border-line bg-sunken px-3 py-2.5 font-mono text-sm break-all">
          {value}
        </code>
        <Button
          icon={done ? "check" : "copy"}
          aria-label={`Copy: ${label}`}
          onClick={() => void copyText(value).then(setDone)}
        >
          {done ? "Copied" : "Copy"}
        </Button>
      </div>
      <span role="status" className="sr-only">
        {done ? `${label} copied` : ""}
      </span>
    </div>
  );
}
