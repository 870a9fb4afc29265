import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A native dialog: it holds the focus, gives it back, and Escape closes it. */
export function Dialog({
  name,
  close,
  children,
}: {
  readonly name: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current as HTMLDialogElement;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-label={name}
      onClose={close}
      onClick={(event) => event.target === element.current && close()}
    >
      <div class="dialog-inside">{children}</div>
    </dialog>
  );
}
