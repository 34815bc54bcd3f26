#!/bin/bash
# Build the programs of a one-node cluster: build.sh SOURCE.dsc GOROOT VERSION OUTPUT
# SOURCE.dsc is Debian's source package of Kubernetes, VERSION what the programs call themselves.
set -euo pipefail
dsc=$1 GOROOT=$2 version=$3 output=$4
work=$PWD
export GOROOT GOPATH=$work/go GOCACHE=$work/gocache GO111MODULE=off GOFLAGS= CGO_ENABLED=0
export PATH=$GOROOT/bin:$PATH HOME=$work

mkdir -p "$GOPATH/src/k8s.io" "$output"
dpkg-source --no-check -x "$dsc" "$GOPATH/src/k8s.io/kubernetes" >/dev/null
cd "$GOPATH/src/k8s.io/kubernetes"

# The only file that the source package leaves to be generated: what the API server says of its API.
go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
packages=$(grep -rlE --include='*.go' '^// \+k8s:openapi-gen=' pkg cmd staging/src/k8s.io plugin | xargs -n1 dirname |
  sort -u | sed -e 's#^staging/src/#k8s.io/kubernetes/vendor/#; t; s#^#k8s.io/kubernetes/#' | paste -sd,)
"$work/openapi-gen" -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
  -h hack/boilerplate/boilerplate.generatego.txt -r "$work/violations" --output-base "$GOPATH/src"

# Both packages that hold a version, under the paths by which they are linked: else the server says that it has none.
major=${version%%.*} minor=${version#*.}
flags="-s -w"
for package in component-base/version client-go/pkg/version; do
  path=k8s.io/kubernetes/vendor/k8s.io/$package
  flags+=" -X $path.gitVersion=v$version -X $path.gitMajor=$major -X $path.gitMinor=${minor%%.*}"
  flags+=" -X $path.gitCommit=debian -X $path.gitTreeState=clean"
done
for program in kubelet kube-scheduler kube-apiserver kube-controller-manager kubectl; do
  echo "building $program"
  go build -trimpath -ldflags "$flags" -o "$output/$program" "k8s.io/kubernetes/cmd/$program"
done
gcc -Os -static -o "$output/pause" build/pause/linux/pause.c
