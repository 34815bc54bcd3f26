import { Button } from "@chakra-ui/react";
import { Link } from "wouter";
import { texts } from "../texts";

export function ToEnvironments() {
  return (
    <Button asChild>
      <Link href="/">{texts.shell.toEnvironments}</Link>
    </Button>
  );
}
