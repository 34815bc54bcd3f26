import "@testing-library/jest-dom/jest-globals";
import { afterAll, afterEach, jest } from "@jest/globals";
import { notifyManager } from "@tanstack/react-query";
import { act, configure } from "@testing-library/react";
import { format, TextDecoder, TextEncoder } from "node:util";

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

// Parts are loaded when they are needed, on machines that have other things to do.
jest.setTimeout(30_000);
configure({ asyncUtilTimeout: 10_000 });

// Answers arrive when they like, also where no test waits for them just then: what they change is shown at once.
notifyManager.setNotifyFunction(act);

// What React or a library complains of is a fault like any other. A test that provokes one listens to the console itself.
const complaints = [];
for (const kind of ["error", "warn"]) {
  console[kind] = (...said) => void complaints.push(format(...said));
}
const complain = () => {
  const heard = complaints.splice(0);
  if (heard.length > 0) {
    throw new Error(`The console was told:\n${heard.join("\n")}`);
  }
};
afterEach(complain);
afterAll(complain);
