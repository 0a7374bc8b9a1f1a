"""An extraction with instructor: no attempt over the limits is sent, and all of them are priced.

Takes OPENAI_API_KEY, and OPENAI_BASE_URL for another server. `pip install instructor`.
"""

import instructor
from instructor.core import InstructorRetryException
from openai import OpenAI
from pydantic import BaseModel

from tokenkit import CostTracker
from tokenkit.integrations.openai import guard


class Lighthouse(BaseModel):
    name: str
    height: int


def main() -> None:
    spent = CostTracker()
    client = instructor.from_openai(guard(OpenAI(), max_usd="0.50", tracker=spent))
    text = "The keeper of Skerryvore climbs 48 metres. "
    for page in (text, text * 60_000):
        try:
            found = client.create(
                model="gpt-5.4-mini",
                response_model=Lighthouse,
                messages=[{"role": "user", "content": page}],
                max_tokens=500,
                max_retries=2,
            )
            print(found)
        except InstructorRetryException as error:
            print(error.__cause__)
    print(f"{len(spent.costs)} attempts, {spent.total} USD")


if __name__ == "__main__":
    main()
