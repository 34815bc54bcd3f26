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
  structuredClone: (value) => JSON.parse(JSON.stringify(value)),
});
Object.assign(window, {
  matchMedia: (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }),
  scrollTo() {},
});
Element.prototype.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
