import { useEffect } from "preact/hooks";
import { MAX_GUIDELINES_CHARS } from "../contract.gen.ts";
import { framework, frameworks, guidelines, loadFrameworks } from "../state/looking_for.ts";

/** What the review of the next document looks for: closed until somebody wants to choose. */
export function LookingFor() {
  useEffect(() => void loadFrameworks(), []);
  const chosen = frameworks.value.find((each) => each.id === framework.value) ?? frameworks.value[0];
  return (
    <details class="looking-for">
      <summary>What to look for{chosen && `: ${chosen.name}`}</summary>
      <label>
        <span>Framework</span>
        <select value={chosen?.id ?? ""} onChange={(event) => (framework.value = event.currentTarget.value)}>
          {frameworks.value.map((each) => (
            <option value={each.id} key={each.id}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      {chosen && <p class="faint">{chosen.description}</p>}
      <label>
        <span>Your own guidelines</span>
        <textarea
          rows={4}
          maxLength={MAX_GUIDELINES_CHARS}
          placeholder="Use customer, not client. Avoid “very”. Sentences have at most 25 words."
          value={guidelines.value}
          onInput={(event) => (guidelines.value = event.currentTarget.value)}
        />
      </label>
    </details>
  );
}
