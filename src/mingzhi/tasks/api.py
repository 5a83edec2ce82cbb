"""The tasks room's door."""

from mingzhi.tasks.actions import task_open, tasks_close, tasks_close_all
from mingzhi.tasks.queries import tasks_mine, tasks_waiting

__all__ = ["task_open", "tasks_close", "tasks_close_all", "tasks_mine", "tasks_waiting"]
