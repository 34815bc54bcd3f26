#!/bin/bash
# The certificates of a cluster: certificates.sh FOLDER NODE_IP SERVICE_IP
# Key usages and the issuer's key identifier are given everywhere, as strict readers (Python 3.13) refuse without them.
set -euo pipefail
cd "$1"
node_ip=$2 service_ip=$3
new=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

leaf() {
  local name=$1 subject=$2 names=${3:-} extensions
  extensions=$'basicConstraints=critical,CA:FALSE\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n'
  extensions+=$'keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n'
  [ -z "$names" ] || extensions+="subjectAltName=$names"
  openssl req -new "${new[@]}" -subj "$subject" -keyout "$name.key" -out "$name.csr"
  openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 \
    -extfile <(printf '%s\n' "$extensions") -out "$name.crt"
}

openssl req -x509 "${new[@]}" -days 365 -subj /CN=cluster -addext keyUsage=critical,keyCertSign,cRLSign \
  -keyout ca.key -out ca.crt
leaf apiserver /CN=kube-apiserver "IP:127.0.0.1,IP:$node_ip,IP:$service_ip,DNS:kubernetes.default.svc"
leaf kubelet-server /CN=node1 "IP:$node_ip"
leaf apiserver-kubelet /O=system:masters/CN=apiserver-kubelet
leaf admin /O=system:masters/CN=admin
leaf controller-manager /CN=system:kube-controller-manager
leaf scheduler /CN=system:kube-scheduler
leaf kubelet /O=system:nodes/CN=system:node:node1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out sa.key
openssl pkey -in sa.key -pubout -out sa.pub
