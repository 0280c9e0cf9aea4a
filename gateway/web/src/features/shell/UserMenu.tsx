// Who one is, how it looks, and the way out.
import { Menu } from "@base-ui/react/menu";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { meQuery, signOut, useMe } from "~/features/session/queries";
import { setTheme, type ThemeChoice, useTheme } from "~/lib/theme";
import { Icon, type IconName } from "~/ui/Icon";
import { MENU_ITEM, MENU_POPUP } from "~/ui/menu-class";
import { toast } from "~/ui/Toasts";

const THEMES: { value: ThemeChoice; label: string; icon: IconName }[] = [
  { value: "system", label: "As the system", icon: "screen" },
  { value: "dark", label: "Dark", icon: "moon" },
  { value: "light", label: "Light", icon: "sun" },
];

function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      client.setQueryData(meQuery.queryKey, null);
      await navigate({ to: "/login" });
      client.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== "me" && queryKey[0] !== "system",
      });
    },
    onError: (error) => toast("You are still signed in", error.message, "bad"),
  });
}

export function UserMenu() {
  const me = useMe();
  const theme = useTheme();
  const out = useSignOut();
  const name = me.display_name || me.username;
  return (
    <Menu.Root>
      <Menu.Trigger
        aria-label={`Account: ${name}`}
        className="grid size-11 place-items-center rounded-full md:size-10"
      >
        <span className="grid size-9 place-items-center overflow-hidden rounded-full bg-accent text-sm font-bold text-on-accent">
          {name.slice(0, 1).toUpperCase()}
        </span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="bottom" align="end" sideOffset={8} className="z-50">
          <Menu.Popup className={MENU_POPUP}>
            <div className="border-b border-line px-3 pt-1.5 pb-2.5">
              <p className="truncate font-semibold">{name}</p>
              <p className="text-sm text-muted">
                {me.role === "admin" ? "Administrator" : "Member"}
              </p>
            </div>
            <Menu.RadioGroup value={theme} onValueChange={(value: ThemeChoice) => setTheme(value)}>
              <Menu.Group>
                <Menu.GroupLabel className="px-3 pt-2.5 pb-1 text-xs font-semibold text-muted">
                  Theme
                </Menu.GroupLabel>
                {THEMES.map((choice) => (
                  <Menu.RadioItem
                    key={choice.value}
                    value={choice.value}
                    closeOnClick={false}
                    className={MENU_ITEM}
                  >
                    <Icon name={choice.icon} />
                    <span className="flex-1">{choice.label}</span>
                    <Menu.RadioItemIndicator>
                      <Icon name="check" className="size-4" />
                    </Menu.RadioItemIndicator>
                  </Menu.RadioItem>
                ))}
              </Menu.Group>
            </Menu.RadioGroup>
            <div className="mt-1.5 border-t border-line pt-1.5">
              <Menu.Item className={MENU_ITEM} onClick={() => out.mutate()}>
                <Icon name="signout" />
                Sign out
              </Menu.Item>
            </div>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
