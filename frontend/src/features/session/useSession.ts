import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Problem } from "../../api/problem";
import type { Me } from "../../api/types";
import { isSignedOut } from "../../components/isSignedOut";
import { hasAddressToken, takeAddressToken } from "./addressToken";
import { fetchMe, signIn } from "./api";
import { goToLogin } from "./goToLogin";

export const sessionKey = ["me"];

/** Who is signed in; with a token in the address, after signing in with it. */
export function useSession() {
  const [linkRefused, setLinkRefused] = useState(false);
  const query = useQuery({
    queryKey: sessionKey,
    // Takes no signal: who asks again meanwhile, as React does in development, waits for the same answer.
    queryFn: async ({ client }) => {
      const token = takeAddressToken();
      if (token) {
        setLinkRefused(!(await isAccepted(token)));
      }
      return fetchMe().catch((error) => {
        // Who has something before them goes when they like: what is written there would be lost.
        const isArriving = client.getQueryData(sessionKey) === undefined;
        if (isArriving && error instanceof Problem && error.login && goToLogin(error.login)) {
          return new Promise<Me>(() => {}); // another page is coming
        }
        throw error;
      });
    },
  });
  const { refetch } = query;

  useEffect(() => {
    // The link with the token was pasted where the page was open already: the browser does not load it anew.
    const onNewAddress = () => hasAddressToken() && void refetch();
    window.addEventListener("hashchange", onNewAddress);
    return () => window.removeEventListener("hashchange", onNewAddress);
  }, [refetch]);

  const { data, error } = query;
  const needsSignIn = !data && isSignedOut(error) && !error.login;
  return { ...query, needsSignIn, linkRefused };
}

/** Sign in with a token; an old or wrong one may still come with a session that holds. */
async function isAccepted(token: string): Promise<boolean> {
  try {
    await signIn(token);
    return true;
  } catch (error) {
    if (error instanceof Problem && [401, 403, 404, 422].includes(error.status)) {
      return false;
    }
    throw error;
  }
}
