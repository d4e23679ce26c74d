// What every part of the page draws with, and the smallest store that tells it to.
import { h } from "./preact.js";
import { useEffect, useState } from "./hooks.js";
import htm from "./htm.js";

export { render, Fragment } from "./preact.js";
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./hooks.js";
export const html = htm.bind(h);

// store holds one object; change() merges into it and tells who watches.
export function store(value) {
  const watchers = new Set();
  return {
    get: () => value,
    change(patch) {
      value = { ...value, ...patch };
      for (const tell of [...watchers]) tell();
    },
    watch(tell) {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
  };
}

// useStore draws the component again at every change.
export function useStore(s) {
  const [, again] = useState(0);
  useEffect(() => s.watch(() => again((n) => n + 1)), [s]);
  return s.get();
}
