#!/usr/bin/env bash
# The commands of the common installation guides, typed as fast as a machine can: MariaDB, memcached, Keystone and
# Glance on one bare Debian host, one image uploaded and listed. Like the guides it checks nothing on the way.
# Run as root on that host, with seed.qcow2 beside it; prints the seconds of each step.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
cd -- "$(dirname -- "$0")"
address=$(hostname -I | cut -d' ' -f1)
password=Welcome123

step() { # NAME COMMAND…
  local name=$1 began=$EPOCHREALTIME
  shift
  "$@" >>by_hand.log 2>&1 || { echo "$name failed:"; tail -n 20 by_hand.log; exit 1; }
  awk -v began="$began" -v now="$EPOCHREALTIME" -v name="$name" 'BEGIN { printf "%6.1f s  %s\n", now - began, name }'
}

packages() {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends mariadb-server memcached python3-pymysql keystone glance \
    python3-openstackclient
}

databases() {
  local name
  for name in keystone glance; do
    mysql -u root <<SQL
CREATE DATABASE IF NOT EXISTS $name;
GRANT ALL PRIVILEGES ON $name.* TO '$name'@'localhost' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON $name.* TO '$name'@'%' IDENTIFIED BY '$password';
FLUSH PRIVILEGES;
SQL
  done
}

keystone() {
  cat >/etc/keystone/keystone.conf <<CONF
[database]
connection = mysql+pymysql://keystone:$password@127.0.0.1/keystone
[token]
provider = fernet
CONF
  su -s /bin/sh -c "keystone-manage db_sync" keystone
  keystone-manage fernet_setup --keystone-user keystone --keystone-group keystone
  keystone-manage credential_setup --keystone-user keystone --keystone-group keystone
  keystone-manage bootstrap --bootstrap-password "$password" --bootstrap-admin-url "http://$address:5000/v3/" \
    --bootstrap-internal-url "http://$address:5000/v3/" --bootstrap-public-url "http://$address:5000/v3/" \
    --bootstrap-region-id RegionOne
  systemctl restart keystone
  wait_for "http://$address:5000/v3"
}

wait_for() { # url
  python3 - "$1" <<'PY'
import sys, time, urllib.error, urllib.request
for _ in range(2400):  # ten minutes
    try:
        urllib.request.urlopen(sys.argv[1], timeout=2)
        break
    except urllib.error.HTTPError:
        break
    except OSError:
        time.sleep(0.25)
else:
    sys.exit(f"nothing answers at {sys.argv[1]}")
PY
}

identity() {
  openstack project create --domain default service
  openstack user create --domain default --password "$password" glance
  openstack role add --project service --user glance admin
  openstack service create --name glance --description "OpenStack Image" image
  for interface in public internal admin; do
    openstack endpoint create --region RegionOne image "$interface" "http://$address:9292"
  done
}

glance() {
  cat >/etc/glance/glance-api.conf <<CONF
[database]
connection = mysql+pymysql://glance:$password@127.0.0.1/glance
[keystone_authtoken]
www_authenticate_uri = http://$address:5000
auth_url = http://$address:5000
memcached_servers = 127.0.0.1:11211
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = glance
password = $password
[paste_deploy]
flavor = keystone
[glance_store]
stores = file,http
default_store = file
filesystem_store_datadir = /var/lib/glance/images/
CONF
  su -s /bin/sh -c "glance-manage db_sync" glance
  systemctl restart glance-api
  wait_for "http://$address:9292/"
}

image() {
  openstack image create seed --file seed.qcow2 --disk-format qcow2 --container-format bare --public
  openstack image list
}

step 'install packages' packages
step 'databases and grants' databases
step 'Keystone: schema, keys, bootstrap, restart' keystone
export OS_AUTH_URL=http://$address:5000/v3 OS_USERNAME=admin OS_PASSWORD=$password OS_PROJECT_NAME=admin \
  OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default OS_IDENTITY_API_VERSION=3
step 'user, role, service, endpoints' identity
step 'Glance: schema, restart' glance
step 'upload and list an image' image
