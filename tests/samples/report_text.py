"""The sample: an incident report of ten sections with faults planted in it, each named in `PLANTED`.

Blocks are paragraphs, lists (as tuples of items) and one table (a list of rows).
"""

from __future__ import annotations

Block = str | tuple[str, ...] | list[list[str]]

TITLE = "Incident report: checkout outage of 14 March"

PLANTED = {
    "wrong percentage": "a drop of 75%",
    "missing table": "Table 9",
    "undefined acronym": "QVRS",
    "repeated sentence": "The on-call engineer was paged at 09:14.",
    "spelling": "recieved",
    "grammar": "The logs was",
    "over-long sentence": "Although the change had been reviewed",
    "left-over note": "TODO",
    "conflicting counts": "four services",
}
"""Kind of fault -> words of the text that show it."""

SECTIONS: list[tuple[str, list[Block]]] = [
    (
        "Executive summary",
        [
            "On 14 March the checkout of the web shop was unavailable for 97 minutes. Customers could fill their "
            "baskets but not pay. The cause was a change to the configuration of the connection pool, which reached "
            "production without the usual trial on a single server.",
            "During the outage about 12,400 customers recieved an error page. Three services were affected: the "
            "checkout, the voucher service and the stock reservation. No payment was taken twice, and no personal "
            "data was exposed.",
            "This report describes what happened, why it happened, and what will be done so that it does not happen "
            "again. It is written for the management and for the teams that run the shop.",
        ],
    ),
    (
        "Scope and method",
        [
            "The report covers the time from the first alarm at 09:12 until the end of the observation period at "
            "18:00 on the same day. It does not cover the warehouse systems, which were not touched by the change.",
            "We used four sources:",
            (
                "the logs of the checkout servers and of the load balancer;",
                "the record of changes kept by the platform team;",
                "interviews with the five engineers who took part in the response;",
                "the figures of the customer service for the week of the outage.",
            ),
            "The logs was compared with the record of changes minute by minute. Times are given in local time. Where "
            "two sources contradict each other, the log of the load balancer was preferred because its clock is "
            "synchronised with QVRS.",
        ],
    ),
    (
        "Timeline",
        [
            "The table below lists the main events of the morning.",
            [
                ["Time", "Event", "Source"],
                ["09:05", "New pool configuration is rolled out to all servers", "record of changes"],
                ["09:12", "First alarm: error rate above 5%", "monitoring"],
                ["09:14", "On-call engineer is paged", "paging system"],
                ["09:41", "Wrong suspicion: payment provider", "interviews"],
                ["10:20", "Configuration is identified as the cause", "interviews"],
                ["10:49", "Roll-back is complete, errors stop", "load balancer"],
            ],
            "The on-call engineer was paged at 09:14. She opened the incident channel within three minutes and called "
            "in the platform team. The on-call engineer was paged at 09:14. For the next half hour the group followed "
            "a wrong trail, because the payment provider had announced maintenance for the same morning and its "
            "status page showed a warning until 09:55. Further details of each step are given in Table 9.",
        ],
    ),
    (
        "Impact on customers",
        [
            "Between 09:12 and 10:49 every second attempt to pay failed. In total 31,000 attempts were made and 15,600 "
            "of them ended in an error. About 12,400 customers were affected, of whom some 3,900 came back on the "
            "same day and completed their purchase.",
            "In all, four services were affected by the outage. The voucher service answered slowly but correctly. The "
            "stock reservation held articles for customers who could not pay, so that some articles appeared as sold "
            "out although they were on the shelf.",
            "The customer service counted 640 calls and 1,150 messages, about three times as many as on an ordinary "
            "Thursday. The average waiting time on the telephone rose from two to eleven minutes. Obviously everyone "
            "hated it.",
        ],
    ),
    (
        "Root cause",
        [
            "The checkout opens a connection to the database for each payment. A pool keeps a number of connections "
            "open so that they can be used again. The change of 09:05 was meant to reduce the number of idle "
            "connections. It set the upper limit of the pool to 20 instead of 200.",
            "Although the change had been reviewed by two engineers who both knew the service well and had asked "
            "several questions about the idle time-out, which they considered to be the more dangerous of the two "
            "settings because it had led to a small disturbance in the previous autumn, neither of them noticed that "
            "a zero was missing in the line below, and since the test environment never opens more than a dozen "
            "connections at once, the automatic tests, which had been extended only a month before for exactly this "
            "kind of change, could not notice it either.",
            "With a limit of 20 the pool was exhausted within seconds under ordinary load. Requests then waited for a "
            "connection until they timed out.",
        ],
    ),
    (
        "Detection and response",
        [
            "The monitoring worked as intended: the alarm came seven minutes after the roll-out. The response was "
            "slower than it should have been. There are two reasons for this. First, the record of changes is not "
            "shown in the incident channel, so nobody saw that a change had been made seven minutes before the alarm. "
            "Second, the error message spoke of a time-out of the payment, which pointed to the payment provider. "
            "Third, the platform team was in a meeting and did not see the first message.",
            "Once the cause was known the roll-back took 29 minutes. Most of this time was spent waiting for the "
            "approval of a second engineer, who had to be reached by telephone. The roll-back itself took less then "
            "four minutes.",
        ],
    ),
    (
        "Figures before and after",
        [
            "In the week after the roll-back the platform team also corrected the retry behaviour of the checkout, "
            "which had made the overload worse. The effect can be seen in the figures of the following week.",
            "Payment errors per day fell from 420 to 180, a drop of 75%. The median response time of the checkout "
            "improved from 310 ms to 240 ms. The number of open connections at peak time was 140, well below the "
            "restored limit of 200.",
            "These figures are clearly the best in the whole industry. They include only payments by card; payments "
            "by invoice are processed by another system and have not been counted. The comparison is based on five "
            "working days before the outage and five working days after it, and the load was about the same in both "
            "weeks.",
        ],
    ),
    (
        "Costs",
        [
            "The lost turnover is estimated at 410,000 euros. The estimate assumes that customers who did not come "
            "back on the same day would have bought for an average of 48 euros each. Vouchers worth 62,000 euros were "
            "sent to customers as an apology.",
            "The work of the response and of the repair adds up to 31 working days. TODO: ask finance for the daily "
            "rate. Contract penalties are not expected, because the agreed availability of 99.5% per quarter was kept "
            "in spite of the outage.",
            "A part of the lost turnover may come back later, as some customers only postponed their purchase. How "
            "large that part is can be said at the end of the quarter at the earliest. The costs of the support "
            "agency, that was called in for two days, is not yet known.",
        ],
    ),
    (
        "Measures",
        [
            "We propose the following measures, in the order of their urgency:",
            (
                "Every change of configuration is first rolled out to one server and watched for fifteen minutes.",
                "The record of changes is shown in the incident channel automatically.",
                "An engineer on call may roll back any change of the same day without a second approval.",
                "The test environment is given a load test that opens as many connections as production does.",
            ),
            "The first and the third measure are in force since 18 March. The second is planned for April. For the "
            "fourth no date has been set and nobody is responsible yet. The platform team will report on the progress "
            "of all five measures in the monthly review. It would of been possible to introduce the first measure "
            "much earlier, as it had already been proposed after the disturbance of last autumn.",
        ],
    ),
    (
        "Conclusion",
        [
            "A single wrong digit stopped the sales of the shop for more than two hours. The engineers acted with care "
            "and calm, and the system behaved as it was built. What was missing was a step that lets a mistake show "
            "itself on one server before it reaches all of them.",
            "The measures close this gap. They cost little, and the most important of them is already in force. We "
            "recommend to review them again in six months, together with the figures of the next two quarters.",
            "We thank all colleagues who took part in the response and in the interviews, and the customer service, "
            "which carried the heaviest load of that day with friendliness.",
        ],
    ),
]
