import { Dialog } from "../dialog.tsx";
import { settingsHref } from "../route.ts";
import { helpShown, KEYS } from "./keys.ts";

/** What the keys do. */
export function Help() {
  if (!helpShown.value) return null;
  const close = (): void => void (helpShown.value = false);
  return (
    <Dialog name="Keys" close={close}>
      <h2>Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="faint">
        They rest while you type. <a href={settingsHref}>Settings</a> turns them off.
      </p>
      <p class="row-actions">
        <button type="button" autofocus onClick={close}>
          Close
        </button>
      </p>
    </Dialog>
  );
}
