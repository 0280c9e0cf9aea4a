// What is shown once after a source was made.
import type { CreatedSource, SourceKind } from "~/api/types";
import { Button } from "~/ui/Button";
import { CopyField } from "~/ui/CopyField";
import { Icon } from "~/ui/Icon";
import { Words } from "~/ui/Words";

type Props = { source: CreatedSource; kind?: SourceKind; onDone: () => void };

export function NewSource({ source, kind, onDone }: Props) {
  const secretInAddress = source.auth_mode === "url_secret";
  return (
    <div className="grid grid-cols-1 gap-5">
      <p className="flex gap-2 rounded-lg bg-warn-soft px-3.5 py-3 text-sm">
        <Icon name="warning" className="mt-0.5 size-4 text-warn" />
        <span>
          <strong>Copy these now.</strong> They are shown this once and cannot be read again.
        </span>
      </p>
      <CopyField label="Address" value={source.url} />
      {source.auth_mode === "header" && source.header_name && (
        <CopyField label="Header name" value={source.header_name} />
      )}
      {source.secret && !secretInAddress && <CopyField label="Secret" value={source.secret} />}
      {kind && kind.setup.length > 0 && (
        <div>
          <h3 className="mb-1.5 font-semibold">What to enter where</h3>
          <ol className="grid list-decimal gap-1 pl-5 text-muted">
            {kind.setup.map((step) => (
              <li key={step}>
                <Words text={step} />
              </li>
            ))}
          </ol>
        </div>
      )}
      <Button look="primary" onClick={onDone}>
        I have copied them
      </Button>
    </div>
  );
}
