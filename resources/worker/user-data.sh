# What the worker of an EFS policy does at its first boot, as cloud-init runs it: installs what it needs unless its image
# has it, and mounts both file systems over TLS. The two lines before these name SOURCE and DESTINATION, each
# `<file system id>.efs.<Region>.<suffix>`. What went wrong stands in /var/lib/backup-drill/fault, where the document
# prepare-worker reads it; /var/lib/backup-drill/ready says that all is done.
set -uo pipefail
root=${SSM_Root:-}
root=${root%/}
state=$root/var/lib/backup-drill
mkdir -p "$state" "$root/etc/stunnel"
rm -f "$state/ready" "$state/fault"

fail() {
  printf '%s\n' "$*" > "$state/fault"
  exit 1
}

has_packages() {
  local program
  for program in fpsync rsync getfacl getfattr stunnel4; do command -v "$program" > /dev/null || return 1; done
}

# Ubuntu updates itself at its first boot, and holds the locks meanwhile: apt-get waits for dpkg's when it is told to, but
# not for that of the lists.
install_packages() {
  local attempt patience=(-o DPkg::Lock::Timeout=300)
  for attempt in {1..40}; do # some six minutes for a lock
    if DEBIAN_FRONTEND=noninteractive apt-get "${patience[@]}" update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get "${patience[@]}" install -y -qq --no-install-recommends \
        fpart rsync acl attr nfs-common stunnel4 ca-certificates; then
      return 0
    fi
    if [ "$attempt" -ge 3 ] && ! tail -n 2 "$state/said" | grep -q lock; then return 1; fi
    sleep "$((attempt < 3 ? attempt : 10))"
  done
  return 1
}

tunnel() { # name, host, port
  cat << END
foreground = yes
[$1]
client = yes
accept = 127.0.0.1:$3
connect = $2:2049
checkHost = $2
verifyChain = yes
CAfile = /etc/ssl/certs/ca-certificates.crt
sslVersionMin = TLSv1.2
TIMEOUTidle = 86400
TIMEOUTbusy = 20
retry = yes
END
}

# One unit a tunnel: the init script of stunnel4 would start only the first of two without pid files. A tunnel that ends
# comes back, and the hard mount waits for it.
start_tunnels() {
  local directory=$root/etc/systemd/system/stunnel@.service.d
  mkdir -p "$directory"
  printf '[Service]\nRestart=always\nRestartSec=1\n' > "$directory/restart.conf"
  systemctl daemon-reload && systemctl restart stunnel@source stunnel@destination
}

mount_over() { # port, directory
  local options=nfsvers=4.1,rsize=1048576,wsize=1048576,timeo=600,retrans=2,hard,_netdev,noresvport,port=$1 attempt
  mkdir -p "$root$2"
  for attempt in 1 2 3 4 5; do # the tunnel may not listen yet
    if mount -t nfs4 -o "$options" 127.0.0.1:/ "$root$2" 2> "$state/said"; then return; fi
    sleep "$((attempt - 1))"
  done
  fail "$2: $(tail -n 1 "$state/said")"
}

has_packages || install_packages 2> "$state/said" || fail "packages: $(tail -n 1 "$state/said")"
tunnel source "$SOURCE" 20491 > "$root/etc/stunnel/source.conf"
tunnel destination "$DESTINATION" 20492 > "$root/etc/stunnel/destination.conf"
start_tunnels 2> "$state/said" || fail "stunnel: $(tail -n 1 "$state/said")"
mount_over 20491 /mnt/source
mount_over 20492 /mnt/destination
: > "$state/ready"
