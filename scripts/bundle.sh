#!/bin/sh
# Packs Pillion with a Java runtime of its own: a .tar.gz that runs on Linux servers without a JDK and without network, and
# brings what verifies and measures the CUDA backend there.
#
#   scripts/bundle.sh [--out FILE] [--data DIR] [--no-build]
#
#   --out FILE   where to write it (default target/pillion-VERSION-linux-ARCH.tar.gz)
#   --data DIR   test data whose small models go along, for the tests that need them
#   --no-build   pack what the last build made
#
# Needs a JDK 25 (JAVA_HOME, or below /usr/lib/jvm) and, unless --no-build is given, Maven. The same commit and the same JDK give
# the same files, in the same order and with the same times.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
most_bytes=60000000
# What the product, JUnit, AssertJ and the benchmarks use of the JDK.
modules=java.base,java.instrument,java.logging,java.management,java.net.http,java.sql
modules=$modules,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported
models='demo-model/demo.gguf demo-model/demo-f32.gguf demo-model/variants data/models/stories260K/gguf'

die() {
    echo "bundle: $1" >&2
    exit 1
}

out=''
data=''
build=yes
while [ $# -gt 0 ]; do
    case $1 in
        --out) [ $# -gt 1 ] || die "--out needs a file"; out=$2; shift ;;
        --data) [ $# -gt 1 ] || die "--data needs a folder"; data=$2; shift ;;
        --no-build) build=no ;;
        *) die "unknown option $1; usage: scripts/bundle.sh [--out FILE] [--data DIR] [--no-build]" ;;
    esac
    shift
done

for tool in tar gzip mktemp find; do
    command -v "$tool" >/dev/null 2>&1 || die "needs $tool, which is not on the PATH"
done

# A JDK is one that has jlink; the release file tells its version without starting it.
java_home=''
for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /usr/lib/jvm/*; do
    if [ -n "$jdk" ] && [ -x "$jdk/bin/jlink" ] && grep -q '^JAVA_VERSION="25' "$jdk/release" 2>/dev/null; then
        java_home=$jdk
        break
    fi
done
[ -n "$java_home" ] || die "needs a JDK 25 with jlink, in JAVA_HOME or below /usr/lib/jvm"

if [ $build = yes ]; then
    command -v mvn >/dev/null 2>&1 || die "needs Maven to build, and found no mvn on the PATH; --no-build packs the last build"
    echo "bundle: building" >&2
    (cd "$root" && mvn -q -ntp package -pl runtime/cli,tests/verify -am -DskipTests </dev/null >&2) || die "the build failed"
fi
product=$root/runtime/cli/target/app/lib
checks=$root/tests/verify/target/app/lib
for folder in "$product" "$checks"; do
    ls "$folder"/pillion-*.jar >/dev/null 2>&1 || die "$folder has no jars; run without --no-build"
done

version=$(basename "$product"/pillion-cli-*.jar .jar)
version=${version#pillion-cli-}
name=pillion-$version-linux-$(uname -m)
[ -n "$out" ] || out=$root/target/$name.tar.gz
mkdir -p "$(dirname -- "$out")"
out=$(CDPATH='' cd -- "$(dirname -- "$out")" && pwd)/$(basename -- "$out")

work=$(mktemp -d)
trap 'rm -rf "$work"; rm -f "$out.unfinished"' EXIT
trap 'exit 1' HUP INT TERM
home=$work/$name
mkdir -p "$home/lib" "$home/verify/lib" "$home/verify/peers"

# The runtime is not compressed itself: the archive compresses it better as a whole.
"$java_home/bin/jlink" --add-modules $modules --output "$home/runtime" \
    --strip-debug --no-header-files --no-man-pages --compress=zip-0 || die "jlink failed"

cp "$product"/*.jar "$home/lib/"
for jar in "$checks"/*.jar; do
    [ -e "$home/lib/$(basename "$jar")" ] || cp "$jar" "$home/verify/lib/"
done
cp "$root/tests/verify/src/main/peers/"*.py "$home/verify/peers/"
cp "$root/pillion" "$root/scripts/verify-gpu.sh" "$root/LICENSE" "$home/"
cp "$root/scripts/bundle-readme.md" "$home/README.md"
if [ -n "$data" ]; then
    for model in $models; do
        [ -e "$data/$model" ] || die "$data has no $model"
        mkdir -p "$home/verify/data/$(dirname "$model")"
        cp -R "$data/$model" "$home/verify/data/$model"
    done
fi
# Which sources these are; a commit whose files were changed since says so.
commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[ -z "$(git -C "$root" status --porcelain --untracked-files=no 2>/dev/null)" ] || commit="$commit, changed"
echo "$commit" > "$home/COMMIT"

time=$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 1700000000)
find "$home" -type d -exec chmod 755 {} +
find "$home" -type f -perm -u+x -exec chmod 755 {} +
find "$home" -type f ! -perm -u+x -exec chmod 644 {} +
(cd "$work" && tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$name") \
    > "$work/archive.tar" || die "tar failed; it has to be GNU tar"
gzip -n < "$work/archive.tar" > "$out.unfinished" || die "cannot write $out"
bytes=$(wc -c < "$out.unfinished")
if [ "$bytes" -gt $most_bytes ]; then
    die "the archive has $bytes bytes, more than $most_bytes"
fi
mv "$out.unfinished" "$out"
echo "bundle: $out, $bytes bytes (at most $most_bytes)"
