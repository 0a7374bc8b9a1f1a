"""Facts about models: limits, encodings, prices, retirement dates."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.models.frozen import FrozenDict as FrozenDict
    from tokenkit.models.hours import holidays_known_until as holidays_known_until
    from tokenkit.models.lookup import (
        get_model as get_model,
        list_models as list_models,
        load_models as load_models,
        register_model as register_model,
        resolve_model as resolve_model,
        resolve_quietly as resolve_quietly,
    )
    from tokenkit.models.naming import Resolved as Resolved
    from tokenkit.models.price_fields import long_steps as long_steps
    from tokenkit.models.record import KINDS as KINDS, RATE_UNITS as RATE_UNITS, Model as Model
    from tokenkit.models.refresh import (
        Change as Change,
        RefreshPlan as RefreshPlan,
        plan_refresh as plan_refresh,
        refresh_models as refresh_models,
    )
    from tokenkit.models.registry import (
        RETIREMENT_NOTICE_DAYS as RETIREMENT_NOTICE_DAYS,
        current_registry as current_registry,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "lookup": "get_model list_models load_models register_model resolve_model",
            "naming": "Resolved",
            "record": "KINDS Model RATE_UNITS",
            "refresh": "Change RefreshPlan plan_refresh refresh_models",
            "registry": "RETIREMENT_NOTICE_DAYS",
        },
        internal={
            "frozen": "FrozenDict",
            "hours": "holidays_known_until",
            "lookup": "resolve_quietly",
            "price_fields": "long_steps",
            "registry": "current_registry",
        },
    )
