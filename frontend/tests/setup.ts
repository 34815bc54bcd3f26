import "@testing-library/jest-dom/jest-globals";
import { TextDecoder, TextEncoder } from "node:util";

// What browsers have and this pretended one lacks.
class Unobserved {
  observe() {}
  unobserve() {}
  disconnect() {}
}

Object.assign(globalThis, {
  TextDecoder,
  TextEncoder,
  ResizeObserver: Unobserved,
  IntersectionObserver: Unobserved,
  structuredClone: (value: unknown) => JSON.parse(JSON.stringify(value)),
});
Object.assign(window, {
  matchMedia: (media: string) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }),
  scrollTo() {},
});
Element.prototype.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
