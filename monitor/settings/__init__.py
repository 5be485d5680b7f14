"""The one place where Monitor's settings are read: `MONITOR_*` variables, then `monitor.toml`, then the defaults.

Every field is the setting `MONITOR_<FIELD IN CAPITALS>` in the environment and `<field>` in the file. A secret may
stand in a file of its own that `MONITOR_<FIELD>_FILE` names.
"""

from monitor.settings.fields import Settings
from monitor.settings.loading import PREFIX, load_settings

__all__ = ["PREFIX", "Settings", "load_settings"]
