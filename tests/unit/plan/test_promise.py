"""Promises in consumer texts: found where they are made, and nowhere else."""

from __future__ import annotations

import pytest

from cfscore.plan import find_promise


@pytest.mark.parametrize(
    "text",
    [
        "Pay on time and you will be approved.",
        "With a lower balance you would qualify.",
        "Guaranteed approval next time.",
        "We will approve your next application.",
        "We'll lend to you next time.",
        "You’ll get the loan.",
        "You will certainly receive the credit.",
        "You can get approved with a lower balance.",
        "Paying on time guarantees approval next time.",
        "Next time we shall grant the loan.",
        "Lower the balance and approval will follow.",
        "You are sure to succeed.",
        "按时还款即可通过审批。",
        "降低使用率后一定获批。",
        "下次申请将会被批准。",
        "您将通过审批。",
        "还清后可以通过审批。",
        "我们将批准您的贷款。",
        "您下次申请将获得批准。",
        "下次申请会通过。",
        "一定能贷到款。",
        "一定能过。",
        "审批必通过。",
        "我们会给您放款。",
        "降低使用率后可获得批准。",
        "还清后可获批。",
        "保證通過。",
        "100% 通过。",
        "包过。",
    ],
)
def test_promises_are_found(text: str) -> None:
    assert find_promise(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your credit report shows loans that you guarantee.",
        "Loans guaranteed to be repaid by you are overdue.",
        "Purchases were approved late at night.",
        "Your application could not be approved.",
        "It cannot be approved.",
        "It will not be approved.",
        "You will not receive credit from us.",
        "A loan of this size would not be granted.",
        "We will never approve an application with an unpaid loan.",
        "You will receive a free copy of your credit report.",
        "You will get your credit report free of charge.",
        "The amount is above what can be approved at your income.",
        "A loan that you will repay soon was counted.",
        "您的信用报告显示您为他人提供担保。",
        "保证人信息未填写。",
        "您名下的保证贷款余额较高。",
        "您为他人提供保证的贷款余额较高。",
        "您作为保证人的贷款存在逾期。",
        "在一定时间内申请贷款的次数较多。",
        "一定期限内贷款逾期次数较多。",
        "信用卡额度使用率达到百分之百。",
        "现有收入难以保证贷款按时偿还。",
        "您的现金流不能保证按期归还贷款。",
        "近90天银行卡交易被拒绝的占比较高。",
        "您的申请未能通过审批。",
        "您的申请不会被批准。",
        "本次申请不会通过审核。",
        "不一定获批。",
        "申请结果会通过短信通知您。",
        "申请人可以通过书面方式提出异议。",
        "您可以通过本行网点查询信用报告。",
        "我们将通过短信通知您。",
        "登录后即可获得信用报告。",
        "近期办理车辆打包过户。",
        "放款银行较多。",
        "申请金额超出可批准的额度。",
    ],
)
def test_other_sentences_promise_nothing(text: str) -> None:
    assert find_promise(text) is None
