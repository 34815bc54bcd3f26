import { Server } from "lucide-react";
import { Empty } from "../../components/Empty";
import { ToEnvironments } from "../../components/ToEnvironments";
import { servers as words } from "../../texts/servers";

export function NoServers() {
  return (
    <Empty icon={<Server />} title={words.none} hint={words.noneHint}>
      <ToEnvironments />
    </Empty>
  );
}
