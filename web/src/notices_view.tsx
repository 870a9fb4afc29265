import { dismiss, notices, type Notice } from "./state/notices.ts";

/** What went wrong, in the server's words, until it is dismissed. */
export function Notices() {
  return (
    <div class="notices" role="alert">
      {notices.value.map((notice) => (
        <p key={notice.id}>
          <span>{notice.sentence}</span>
          {notice.remedy && (
            <button type="button" onClick={() => take(notice)}>
              {notice.remedy.words}
            </button>
          )}
          <button type="button" class="quiet" onClick={() => dismiss(notice.id)}>
            Dismiss
          </button>
        </p>
      ))}
    </div>
  );
}

function take(notice: Notice): void {
  dismiss(notice.id);
  notice.remedy?.run();
}
