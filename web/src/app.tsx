import { useEffect } from "preact/hooks";
import { Announcer } from "./announcer.tsx";
import { Banner } from "./banner.tsx";
import { Library } from "./library/library.tsx";
import { Notices } from "./notices_view.tsx";
import { Queue } from "./queue/queue.tsx";
import { Review } from "./review/review.tsx";
import { route } from "./route.ts";
import { Settings } from "./settings/settings.tsx";
import { shown } from "./state/review.ts";

const NAMES = { library: undefined, queue: "Queue", settings: "Settings" } as const;

export function App() {
  const at = route.value;
  const name = at.at === "document" ? shown.value?.name : NAMES[at.at];
  useEffect(() => {
    document.title = name ? `${name} · Galley` : "Galley";
  }, [name]);
  return (
    <>
      <Banner />
      {at.at === "library" && <Library />}
      {at.at === "queue" && <Queue />}
      {at.at === "settings" && <Settings />}
      {at.at === "document" && <Review documentId={at.documentId} key={at.documentId} />}
      <Notices />
      <Announcer />
    </>
  );
}
