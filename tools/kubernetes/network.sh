#!/bin/bash
# Join the namespace of a cluster with this machine: network.sh PID LINK HOST_IP NODE_IP SERVICE_IP
# The kubelet refuses a node whose address is a loopback one, and pods reach the API at the first service's address,
# for which other clusters have a kube-proxy.
set -euo pipefail
pid=$1 link=$2 host_ip=$3 node_ip=$4 service_ip=$5
# One that was there a moment ago may still be going.
ip link delete "$link" 2>/dev/null || true
ip link add "$link" type veth peer name node netns "$pid"
ip address add "$host_ip/30" dev "$link"
ip link set "$link" up
inside() { nsenter --target "$pid" --net "$@"; }
inside ip address add "$node_ip/30" dev node
inside ip link set node up
inside ip address add "$service_ip/32" dev lo
for chain in OUTPUT PREROUTING; do
  inside iptables -t nat -A "$chain" -d "$service_ip" -p tcp --dport 443 -j REDIRECT --to-ports 6443
done
