"""What this Python has of moto. Asks metadata instead of importing: moto's imports take seconds from a cold disk."""
import importlib.metadata
import importlib.util
import json
import os
import sys

# A script's own folder comes first, and somebody's working directory: no package of moto's stands there.
here = os.path.dirname(os.path.abspath(__file__))
sys.path = [entry for entry in sys.path if entry and os.path.abspath(entry) != here]

try:
    version = importlib.metadata.version("moto")
except importlib.metadata.PackageNotFoundError:
    version = None
modules = ["moto", "boto3", "cryptography", "flask", "flask_cors", "jinja2", "responses", "werkzeug", "xmltodict"]
missing = [name for name in modules if importlib.util.find_spec(name) is None]
print(json.dumps({"executable": sys.executable, "python": sys.version_info[:2], "moto": version, "missing": missing}))
