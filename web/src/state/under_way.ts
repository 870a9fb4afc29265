import { computed } from "@preact/signals";
import { ENDED } from "../contract.gen.ts";
import { route } from "../route.ts";
import { myTasks } from "./library.ts";
import { counts } from "./review.ts";
import { task } from "./tasks.ts";

/** Whether anything that this screen shows is waiting or running on the server. */
export const underWay = computed(() => {
  if (route.value.at === "document") return counts.value.busy > 0;
  return myTasks.value.some((each) => !ENDED.includes(task(each.task_id).value?.state ?? each.state));
});
