import { SHAPE_OF_EVENT, SHAPES, type EventDataByType } from "../contract.gen.ts";

type Shape = string | readonly Shape[] | { readonly in: readonly unknown[] } | Range;
interface Range {
  readonly is: string;
  readonly from: number;
  readonly to: number;
}
interface ModelShape {
  readonly needs: readonly string[];
  readonly has: Readonly<Record<string, Shape>>;
  readonly otherwise: Readonly<Record<string, unknown>>;
}

export type KnownEvent = {
  [T in keyof EventDataByType]: { readonly type: T; readonly data: EventDataByType[T] };
}[keyof EventDataByType];

const UNREADABLE = Symbol("unreadable");

/**
 * The typed part of an event, or null when its type, or its data's shape, is newer than this page.
 * The same decision as `data_of` on the server, so that both fold a log to the same snapshot.
 */
export function readEvent(type: string, data: unknown): KnownEvent | null {
  if (!Object.hasOwn(SHAPE_OF_EVENT, type)) return null;
  const read = readAs(`@${SHAPE_OF_EVENT[type as keyof EventDataByType]}`, data);
  return read === UNREADABLE ? null : ({ type, data: read } as KnownEvent);
}

function readAs(shape: Shape, value: unknown): unknown {
  if (typeof shape === "string") {
    return shape.startsWith("@") ? readModel(shape.slice(1), value) : readPrimitive(shape, value);
  }
  if (isList(shape)) {
    for (const option of shape) {
      const read = readAs(option, value);
      if (read !== UNREADABLE) return read;
    }
    return UNREADABLE;
  }
  if ("in" in shape) return shape.in.includes(value) ? value : UNREADABLE;
  if (readPrimitive(shape.is, value) === UNREADABLE) return UNREADABLE;
  return (value as number) >= shape.from && (value as number) <= shape.to ? value : UNREADABLE;
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

function readPrimitive(name: string, value: unknown): unknown {
  switch (name) {
    case "null":
      return value === null ? value : UNREADABLE;
    case "integer":
      return Number.isInteger(value) ? value : UNREADABLE;
    case "object":
      return isRecord(value) ? value : UNREADABLE;
    default:
      return typeof value === name ? value : UNREADABLE;
  }
}

function readModel(name: string, value: unknown): unknown {
  const shape = SHAPES[name as keyof typeof SHAPES] as ModelShape | { readonly in: readonly unknown[] };
  if ("in" in shape) return readAs(shape, value);
  if (!isRecord(value) || shape.needs.some((member) => !Object.hasOwn(value, member))) return UNREADABLE;
  const read: Record<string, unknown> = { ...shape.otherwise };
  for (const [member, inner] of Object.entries(shape.has)) {
    if (!Object.hasOwn(value, member)) continue;
    const part = readAs(inner, value[member]);
    if (part === UNREADABLE) return UNREADABLE;
    read[member] = part;
  }
  return read;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
