import { Spinner } from "@chakra-ui/react";
import type { ComponentType } from "react";
import type { Me } from "../api/types";
import { Loading } from "../components/Loading";
import { part } from "../components/part";
import { texts } from "../texts";

export interface PageProps {
  me: Me;
  parameters: Readonly<Record<string, string | undefined>>;
}

/** Each page is loaded when it is first gone to. */
const page = (load: () => Promise<ComponentType<PageProps>>) =>
  part(
    load,
    <Loading>
      <Spinner aria-label={texts.shell.loading} />
    </Loading>,
  );

export const routes = [
  { path: "/", page: page(async () => (await import(/* webpackChunkName: "images" */ "../features/images/ImagesPage")).ImagesPage) },
  { path: "/new", page: page(async () => (await import(/* webpackChunkName: "new" */ "../features/new/NewBuildPage")).NewBuildPage) },
  { path: "/builds", page: page(async () => (await import(/* webpackChunkName: "builds" */ "../features/builds/BuildsPage")).BuildsPage) },
  { path: "/builds/:id", page: page(async () => (await import(/* webpackChunkName: "build" */ "../features/build/BuildPage")).BuildPage) },
  { path: "/images/:id", page: page(async () => (await import(/* webpackChunkName: "image" */ "../features/image/ImagePage")).ImagePage) },
  { path: "/launch", page: page(async () => (await import(/* webpackChunkName: "launch" */ "../features/launch/LaunchPage")).LaunchPage) },
  { path: "/servers", page: page(async () => (await import(/* webpackChunkName: "servers" */ "../features/servers/ServersPage")).ServersPage) },
  { path: "/admin", page: page(async () => (await import(/* webpackChunkName: "admin" */ "../features/admin/AdminPage")).AdminPage) },
  { path: "/help", page: page(async () => (await import(/* webpackChunkName: "help" */ "../features/help/HelpPage")).HelpPage) },
] as const;
