"""moto's server, with three differences from its own command. It ends when its standard input does, so it never outlives
us, however we die. Port 0 leaves no moment in which somebody else can take the port. And it writes no line per
request: a path can carry a signature. Listening comes before the slow imports; early requests wait for them.
And three faults of 5.2.1 are mended: ModifyDBCluster stores two settings where DescribeDBClusters does not look (as
properties they arrive), and a cluster deleted and created within one minute fails over its own automated snapshot.
"""
import os
import sys
import threading

# A script's own folder comes first, and somebody's working directory: no package of moto's stands there.
here = os.path.dirname(os.path.abspath(__file__))
sys.path = [entry for entry in sys.path if entry and os.path.abspath(entry) != here]

def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)

threading.Thread(target=end_with_parent, daemon=True).start()

import logging
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

def set_iam_authentication(cluster, enabled):
    cluster.iam_auth = enabled

def change_log_exports(cluster, change):
    disabled = change.get("DisableLogTypes") or []
    kept = [name for name in cluster.enabled_cloudwatch_logs_exports if name not in disabled]
    added = [name for name in change.get("EnableLogTypes") or [] if name not in kept]
    cluster.enabled_cloudwatch_logs_exports = kept + added

def create_app(service):
    if service == "rds":
        from moto.rds.models import DBCluster
        save_automated_backup = DBCluster.save_automated_backup
        def replace_automated_backup(cluster):
            snapshots = cluster.backend.cluster_snapshots
            for name in [name for name in snapshots if name.startswith(f"rds:{cluster.db_cluster_identifier}-")]:
                del snapshots[name]
            save_automated_backup(cluster)
        DBCluster.save_automated_backup = replace_automated_backup
        DBCluster.enable_iam_database_authentication = property(lambda c: c.iam_auth, set_iam_authentication)
        DBCluster.cloudwatch_logs_export_configuration = property(lambda c: None, change_log_exports)
    return create_backend_app(service)

server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_app), threaded=True)
os.environ["MOTO_PORT"] = str(server.server_port)
print("listening on", server.server_port, flush=True)

def import_backends():
    from moto.backends import get_backend
    for service in ["sts", "iam", "secretsmanager", "kms", "ec2", "rds"]:
        get_backend(service)

threading.Thread(target=import_backends, daemon=True).start()
server.serve_forever()
