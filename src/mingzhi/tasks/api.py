"""The tasks room's door."""

from mingzhi.tasks.actions import task_open, tasks_close, tasks_close_all
from mingzhi.tasks.queries import subjects_open, tasks_mine, tasks_waiting

__all__ = ["subjects_open", "task_open", "tasks_close", "tasks_close_all", "tasks_mine", "tasks_waiting"]
