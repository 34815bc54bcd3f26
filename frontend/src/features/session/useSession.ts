import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Problem } from "../../api/problem";
import { takeAddressToken } from "./addressToken";
import { fetchMe, signIn } from "./api";

export const sessionKey = ["me"];

/** Who is signed in; with a token in the address, after signing in with it. */
export function useSession() {
  const query = useQuery({ queryKey: sessionKey, queryFn: ({ signal }) => enter(signal) });
  const { refetch } = query;

  useEffect(() => {
    // The link with the token was pasted where the page was open already: the browser does not load it anew.
    const onNewAddress = () => void refetch();
    window.addEventListener("hashchange", onNewAddress);
    return () => window.removeEventListener("hashchange", onNewAddress);
  }, [refetch]);

  const needsSignIn = query.error instanceof Problem && [401, 403].includes(query.error.status);
  return { ...query, needsSignIn };
}

async function enter(signal: AbortSignal) {
  const token = takeAddressToken();
  if (token) {
    await signIn(token);
  }
  return fetchMe(signal);
}
