import { ChakraProvider } from "@chakra-ui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { system } from "../src/app/theme";

export interface Asked {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

interface Answer {
  status: number;
  body: unknown;
}

/** Pretend a service: `answer` gives a status and a body for what is asked, which is taken down. */
export function pretend(answer: (method: string, path: string) => Answer | undefined): Asked[] {
  const asked: Asked[] = [];
  globalThis.fetch = (async (address: URL, { method = "GET", headers, body }: RequestInit = {}) => {
    const path = decodeURIComponent(address.pathname.slice(1) + address.search).replaceAll("+", " ");
    asked.push({ method, path, headers: new Headers(headers), body: body ? JSON.parse(String(body)) : undefined });
    if (path === "api/v1/events") {
      return new Promise(() => {}); // nothing changes
    }
    const { status, body: told } = answer(method, path) ?? { status: 404, body: { title: "Not found" } };
    const text = told === undefined ? "" : JSON.stringify(told);
    return { ok: status < 400, status, headers: new Headers(), text: async () => text, json: async () => JSON.parse(text) };
  }) as unknown as typeof fetch;
  return asked;
}

/** Show a part of the page at an address; gives where it leads and what it knows, too. */
export function show(part: ReactNode, path = "/") {
  const { hook, searchHook, history } = memoryLocation({ path, record: true });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const result = render(
    <QueryClientProvider client={queries}>
      <ChakraProvider value={system}>
        <Router hook={hook} searchHook={searchHook}>
          <main>{part}</main>
        </Router>
      </ChakraProvider>
    </QueryClientProvider>,
  );
  return { ...result, history, queries };
}
