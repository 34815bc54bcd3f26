#!/bin/bash
# Run a command with a cluster of a current version, in containers of the Docker engine: elsewhere.sh kind|k3s COMMAND…
# K3S names the image of K3s; which Kubernetes kind brings is up to its release. The images that the tests need and no
# registry has are put in. The command finds KUBECONFIG, the address that pods reach this machine at in CLUSTER_HOST, and
# the path on the node of the engine's socket in CLUSTER_SOCKET.
set -euo pipefail
kind=$1 name=r2d-cluster-$$ python=${PYTHON:-python3}
shift
folder=$(mktemp -d)
export KUBECONFIG=$folder/kubeconfig CLUSTER_HOST CLUSTER_SOCKET=/engine/docker.sock
engine=/var/run/docker.sock

images() { "$python" -m tools.parts --service | sed -n 's/^image *//p'; }
gateway() { docker network inspect --format '{{range .IPAM.Config}}{{println .Gateway}}{{end}}' "$1" | grep -m1 '\.'; }

# Tests start registries without TLS on this machine, at ports that nobody knows yet; containerd takes no pattern for them.
plain_http() {
  docker exec "$1" sh -c 'for port in $(seq 32768 60999); do
    mkdir -p "$1/$2:$port" && echo "server = \"http://$2:$port\"" >"$1/$2:$port/hosts.toml"; done' sh "$2" "$CLUSTER_HOST"
}

case $kind in
kind)
  trap 'kind delete cluster --name "$name"; rm -rf "$folder"' EXIT
  kind create cluster --name "$name" --wait 3m --config - <<END
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes: [{role: control-plane, extraMounts: [{hostPath: $engine, containerPath: $CLUSTER_SOCKET}]}]
END
  images | xargs kind load docker-image --name "$name"
  CLUSTER_HOST=$(gateway kind)
  plain_http "$name-control-plane" /etc/containerd/certs.d
  ;;
k3s)
  trap 'docker rm --force --volumes "$name"; rm -rf "$folder"' EXIT
  docker run --detach --name "$name" --privileged --tmpfs /run --tmpfs /var/run --publish 127.0.0.1:6443:6443 \
    --volume "$engine:$CLUSTER_SOCKET" "${K3S:?names the image}" server --disable traefik,metrics-server,servicelb
  until docker exec "$name" kubectl get serviceaccount default 2>/dev/null; do
    [ $SECONDS -lt 180 ] || { docker logs --tail 50 "$name"; exit 1; }
    sleep 1
  done
  docker exec "$name" kubectl wait --for=condition=Ready nodes --all --timeout=3m
  images | xargs docker save | docker exec --interactive "$name" ctr --namespace k8s.io images import -
  docker exec "$name" cat /etc/rancher/k3s/k3s.yaml >"$KUBECONFIG"
  CLUSTER_HOST=$(gateway bridge)
  plain_http "$name" /var/lib/rancher/k3s/agent/etc/containerd/certs.d
  ;;
*)
  echo "no kind of cluster is called $kind"
  exit 1
  ;;
esac
"$@"
