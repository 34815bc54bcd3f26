import { ChakraProvider } from "@chakra-ui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Router } from "wouter";
import { Problem } from "../api/problem";
import { prefix } from "./prefix";
import { system } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The service has answered: asking again will not change its mind. Nor is anybody kept waiting three times.
      retry: (failures, error) => !(error instanceof Problem && error.status < 500) && error.name !== "TimeoutError" && failures < 2,
    },
  },
});

export function Providers({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={queries}>
      <ChakraProvider value={system}>
        <Router base={prefix}>{children}</Router>
      </ChakraProvider>
    </QueryClientProvider>
  );
}
