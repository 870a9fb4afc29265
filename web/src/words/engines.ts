/** Which engine speaks, by name, wherever it does. */
export function engineName(engine: string | null, model: string | null): string {
  if (engine === null) return "";
  if (engine === "person") return "You";
  if (engine === "checker") return "Built-in checker (rules, English, no AI)";
  const name = engine === "claude" ? "Claude" : engine;
  return model ? `${name} · ${model}` : name;
}
