"""What people and timers do with Monitor, one function a use case. The command line and the jobs call these."""
