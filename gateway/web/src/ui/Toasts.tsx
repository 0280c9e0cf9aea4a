// Short confirmations. An error that matters is also shown where it happened.
import { Toast } from "@base-ui/react/toast";
import { IconButton } from "./Button";
import { Icon } from "./Icon";

const manager = Toast.createToastManager();

export function toast(title: string, description?: string, type: "good" | "bad" = "good"): void {
  manager.add({ title, description, type, priority: type === "bad" ? "high" : "low" });
}

function Toasts() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((item) => (
    <Toast.Root
      key={item.id}
      toast={item}
      className="popup flex items-start gap-3 rounded-xl border border-line bg-raised py-2 pr-2 pl-4 text-text shadow-float"
    >
      <Icon
        name={item.type === "bad" ? "warning" : "check"}
        className={`mt-2 size-5 ${item.type === "bad" ? "text-bad" : "text-good"}`}
      />
      <div className="min-w-0 flex-1 py-1.5">
        <Toast.Title className="font-semibold break-words" />
        <Toast.Description className="text-sm break-words text-muted" />
      </div>
      <Toast.Close render={<IconButton icon="cross" label="Dismiss" />} />
    </Toast.Root>
  ));
}

export function ToastArea() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-20 z-60 grid w-[min(24rem,calc(100vw-2rem))] gap-2 md:bottom-4">
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
