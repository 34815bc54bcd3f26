#!/bin/bash
# Run one component of a cluster in place of this script: component.sh NAME OPTION…
# Of the environment, it needs FOLDER, PROGRAMS, NODE_IP, CGROUP, and RUNTIME (what dockerd runs containers with).
set -euo pipefail
name=$1 made=$FOLDER/made
shift
export PATH=$PROGRAMS:$PATH
exec >>"$FOLDER/log/$name.log" 2>&1 </dev/null
cd /

case $name in
dockerd)
  exec dockerd --host "unix://$FOLDER/docker.sock" --data-root "$FOLDER/docker" --exec-root "$FOLDER/data/exec" \
    --pidfile "$FOLDER/data/docker.pid" --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$CGROUP/docker" \
    --live-restore --log-opt max-size=50m --log-opt max-file=1 --insecure-registry 127.0.0.0/8 \
    --insecure-registry "$NODE_IP/30" --add-runtime "here=$RUNTIME" --default-runtime here
  ;;
etcd)
  exec etcd --data-dir "$FOLDER/data/etcd" --listen-client-urls http://127.0.0.1:2379 \
    --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 --unsafe-no-fsync
  ;;
kube-apiserver)
  exec kube-apiserver --etcd-servers http://127.0.0.1:2379 --advertise-address "$NODE_IP" --bind-address 0.0.0.0 \
    --secure-port 6443 --insecure-port 0 --profiling=false \
    --tls-cert-file "$made/apiserver.crt" --tls-private-key-file "$made/apiserver.key" --client-ca-file "$made/ca.crt" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged \
    --service-cluster-ip-range 10.96.0.0/24 --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$made/sa.pub" --service-account-signing-key-file "$made/sa.key" \
    --kubelet-client-certificate "$made/apiserver-kubelet.crt" --kubelet-client-key "$made/apiserver-kubelet.key" \
    --kubelet-certificate-authority "$made/ca.crt" --kubelet-preferred-address-types InternalIP \
    --feature-gates TTLAfterFinished=true
  ;;
kube-controller-manager)
  exec kube-controller-manager --kubeconfig "$made/controller-manager.conf" --bind-address 127.0.0.1 --port 0 \
    --leader-elect=false --use-service-account-credentials --root-ca-file "$made/ca.crt" \
    --service-account-private-key-file "$made/sa.key" --feature-gates TTLAfterFinished=true "$@"
  ;;
kube-scheduler)
  exec kube-scheduler --kubeconfig "$made/scheduler.conf" --bind-address 127.0.0.1 --port 0 --leader-elect=false
  ;;
kubelet)
  exec kubelet --config "$made/kubelet.json" --kubeconfig "$made/kubelet.conf" --hostname-override node1 \
    --node-ip "$NODE_IP" --root-dir /var/lib/kubelet --container-runtime docker \
    --docker-endpoint "unix://$FOLDER/docker.sock" --docker "unix://$FOLDER/docker.sock" \
    --containerd "$FOLDER/data/exec/containerd/containerd.sock" \
    --pod-infra-container-image repo2docker-service/pause:1
  ;;
*)
  echo "no component is called $name"
  exit 1
  ;;
esac
