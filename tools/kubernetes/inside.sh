#!/bin/bash
# The first process of a cluster's namespaces (mounts, network, processes): whatever runs in them ends with it.
# Of the environment, it needs FOLDER (all that is written), PROGRAMS, NODE_IP, CGROUP and RUNTIME (see component.sh).
set -euo pipefail
data=$FOLDER/data here=$(dirname "$0")

within() { # SECONDS COMMAND…: until the command succeeds
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "waited in vain for: $*"; exit 1; }
    sleep 0.2
  done
}

# Nothing that is mounted here is seen outside. A network namespace has a /sys of its own, but not the control groups.
mount --make-rprivate /
mkdir -p "$data/cgroups"
mount --rbind /sys/fs/cgroup "$data/cgroups"
mount -t sysfs sysfs /sys
mount --rbind "$data/cgroups" /sys/fs/cgroup
umount -l "$data/cgroups"
mount -t tmpfs tmpfs /run
mkdir -p /run/lock "$data/sysctl"

# The kubelet writes these for the whole machine, and fails where it may not: it writes files of ours instead.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=$data/sysctl/$(basename "${setting%%=*}")
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${setting%%=*}"
done

# Paths that are written into the kubelet. The place to mount on is made where the machine has no Kubernetes.
for path in /var/lib/kubelet /var/log/pods /var/log/containers /var/lib/dockershim /var/lib/cni /usr/libexec/kubernetes; do
  mkdir -p "$path" "$data$path"
  mount --bind "$data$path" "$path"
done
mount --make-rshared /
ip link set lo up
touch "$data/namespaces"

within 20 grep -q node /proc/net/dev
within 20 sh -c "ip -brief address show dev node | grep -q $NODE_IP"
for group in /sys/fs/cgroup/*/; do
  mkdir -p "$group$CGROUP" 2>/dev/null || true
done
for file in cpuset.cpus cpuset.mems; do
  cat "/sys/fs/cgroup/cpuset/$file" >"/sys/fs/cgroup/cpuset/$CGROUP/$file"
done

for component in dockerd etcd kube-apiserver; do
  setsid "$here/component.sh" "$component" &
done
within 120 "$PROGRAMS/kubectl" --kubeconfig "$FOLDER/admin.conf" get --raw /readyz
for component in kube-controller-manager kube-scheduler; do
  setsid "$here/component.sh" "$component" &
done
engine() {
  docker --host "unix://$FOLDER/docker.sock" "$@"
}
within 120 engine version
# A cluster that was killed leaves containers without the sandboxes that they were in, at which a kubelet gives up.
engine ps --all --quiet | xargs --no-run-if-empty docker --host "unix://$FOLDER/docker.sock" rm --force >/dev/null
setsid "$here/component.sh" kubelet &

# Whatever loses its parent here has this process as its new one.
trap 'exit 0' TERM
while :; do
  sleep 1 &
  wait $!
done
