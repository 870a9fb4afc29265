import { useEffect } from "preact/hooks";
import { Banner } from "./banner.tsx";
import { Library } from "./library/library.tsx";
import { Notices } from "./notices_view.tsx";
import { Queue } from "./queue/queue.tsx";
import { Review } from "./review/review.tsx";
import { route } from "./route.ts";
import { shown } from "./state/review.ts";

export function App() {
  const at = route.value;
  const name = at.at === "document" ? shown.value?.name : at.at === "queue" ? "Queue" : undefined;
  useEffect(() => {
    document.title = name ? `${name} · Galley` : "Galley";
  }, [name]);
  return (
    <>
      <Banner />
      {at.at === "library" && <Library />}
      {at.at === "queue" && <Queue />}
      {at.at === "document" && <Review documentId={at.documentId} key={at.documentId} />}
      <Notices />
    </>
  );
}
