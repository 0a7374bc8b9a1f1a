# Locks of objects that threads share; a part of _core.pyx.

cdef unsigned forks = 0  # how many lie between the process that loaded this module and this one


def _count_fork():
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_count_fork)


@cython.final
cdef class StateLock:
    """A lock around an object that threads change, to be used by `with`.

    A child that was forked while another thread held it has no such thread: it would wait for
    ever, for an object that is half changed. Entering raises RuntimeError there.
    """
    cdef object lock
    cdef unsigned taken_at  # `forks` when it was last taken

    def __cinit__(self):
        self.lock = allocate_lock()

    def __enter__(self):
        if not self.lock.acquire(False):
            if self.taken_at != forks:
                raise RuntimeError(
                    "this object was in use by another thread when the process was forked; make "
                    "a new one in the child, or a copy before the fork")
            self.lock.acquire()
        self.taken_at = forks

    def __exit__(self, *error):
        self.lock.release()
