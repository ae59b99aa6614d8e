"""The functions that Kubernetes adds to CEL. Expectations follow its documentation and API server."""

from typing import Any

import pytest

from scanner import cel
from scanner.cel import Failure
from scanner.model import Unknown

ENVIRONMENT = cel.Environment({"object": "dyn", "variables.x": "dyn"}, kubernetes=True)

TRUE = [
    # macros with two variables
    "[1, 3].all(i, v, i < v) && {'a': 1}.exists(k, v, k == 'a' && v == 1) && [1, 2].existsOne(i, v, i + v == 3)",
    "[1, 3].transformList(i, v, i + v) == [1, 4] && {'a': 1}.transformList(k, v, v > 1, k) == []",
    "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && ['x'].transformMap(i, v, v != 'x', v) == {}",
    "{'a': 1, 'b': 2}.transformMapEntry(k, v, v > 1, {v: k}) == {2: 'b'}",
    # numbers of different types
    "1 < 1.5 && 2u >= 1 && size(object.text) > 1.5 && object.numbers.all(n, n < 3.5)",
    # lists
    "[1, 3].sum() == 4",
    "[1.0, 3.0].sum() == 4.0",
    "[duration('1m'), duration('1s')].sum() == duration('61s')",
    "object.none.sum() == 0",
    "[3, 1, 2].min() == 1 && [3, 1, 2].max() == 3",
    "['b', 'a'].min() == 'a'",
    "['a', 'b', 'b', 'c'].isSorted() && ![2.0, 1.0].isSorted() && object.none.isSorted()",
    "[1, 2, 2, 3].indexOf(2) == 1 && [1, 2, 2, 3].lastIndexOf(2) == 2 && [1.0].indexOf(1.1) == -1",
    "'tacocat'.indexOf('c') == 2 && 'tacocat'.lastIndexOf('c') == 4 && object.text.indexOf('1') == 4",
    "sets.contains(['a', 'b'], ['a']) && !sets.contains(['a'], ['a', 'b']) && sets.contains([1], [])",
    "sets.intersects([1, 2], [2, 3]) && !sets.intersects([1], [])",
    "sets.equivalent([1, 1, 2], [2, 1]) && !sets.equivalent([1], [1, 2])",
    # CEL's lists extension
    "[1, 2, 3].slice(1, 2) == [2] && [1, 2].slice(0, 2) == [1, 2] && [1].slice(1, 1) == []",
    "[[1, 2], [3]].flatten() == [1, 2, 3] && [1, [2, [3]]].flatten() == [1, 2, [3]] && [1, [2, [3]]].flatten(2) == [1, 2, 3]",
    "[1, 1, 2].distinct() == [1, 2] && object.none.distinct() == [] && ['b', 'a', 'b'].distinct() == ['b', 'a']",
    "[3, 1, 2].sort() == [1, 2, 3] && ['b', 'a'].sort() == ['a', 'b'] && object.none.sort() == []",
    "[{'n': 2, 'i': 'a'}, {'n': 1, 'i': 'b'}].sortBy(x, x.n).map(x, x.i) == ['b', 'a']",
    "object.numbers.filter(n, n != 2.0).sortBy(n, -n) == [3, 1]",
    "lists.range(3) == [0, 1, 2] && lists.range(0) == [] && [1, 2].reverse() == [2, 1]",
    # regular expressions
    "'abc 123'.find('[0-9]+') == '123' && 'abc'.find('[0-9]+') == ''",
    "'1, 2, 3'.findAll('[0-9]+') == ['1', '2', '3'] && '1, 2, 3'.findAll('[0-9]+', 2) == ['1', '2']",
    "'12a'.findAll('[0-9]*') == ['12', ''] && '123'.findAll('[0-9]+', 0) == []",
    "'1, 2, 3, 4'.findAll('[0-9]+').map(x, int(x)).sum() < 100",
    # URLs
    "url('https://user:pass@example.com:80/path?query=val#fragment').getHost() == 'example.com:80'",
    "url('https://[::1]:80/').getHostname() == '::1' && url('https://[::1]:80/').getPort() == '80'",
    "url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'",
    "url('https://example.com').getEscapedPath() == '' && url('/path').getScheme() == '' && url('/path').getHost() == ''",
    "url('https://example.com/p?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
    "url('https://example.com/path?').getQuery() == {} && url('https://127.0.0.1:80/').getHostname() == '127.0.0.1'",
    "isURL('/absolute-path') && isURL('mailto:a@b.c') && !isURL('../relative') && !isURL('https://a:b:c/') && !isURL('')",
    # quantities
    "quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('200M') == quantity('0.2G')",
    "quantity('50M').isLessThan(quantity('50Mi')) && quantity('150Mi').isGreaterThan(quantity('100Mi'))",
    "quantity('50k').add(quantity('20k')) == quantity('70k') && quantity('50k').sub(20000) == quantity('30k')",
    "quantity('50k').add(20).sub(quantity('100k')).sub(-50000) == quantity('20')",
    "quantity('50k').isInteger() && quantity('50k').asInteger() == 50000 && !quantity('1500m').isInteger()",
    "quantity('500m').asApproximateFloat() == 0.5 && quantity('-1').sign() == -1 && quantity('0').sign() == 0",
    "quantity('1e3') == quantity('1k') && quantity('1E3') == quantity('1000') && quantity('1E') == quantity('1000P')",
    "quantity('0.0000000001') == quantity('1n')",
    "isQuantity('1.3Gi') && isQuantity('+.5') && !isQuantity('1,3G') && !isQuantity('200K') && !isQuantity('Mi')",
    "!quantity('9999999999999999999999999999999999999G').isInteger()",
    # versions
    "semver('1.2.3').compareTo(semver('2.0.0')) == -1 && semver('1.2.3-rc.1').isLessThan(semver('1.2.3'))",
    "semver('1.0.0-2').isLessThan(semver('1.0.0-10')) && semver('1.0.0-10').isLessThan(semver('1.0.0-a'))",
    "semver('v1.02', true) == semver('1.2.0') && semver('1.0.0+a') == semver('1.0.0+b') && semver('1.2.3').minor() == 2",
    "isSemver('0.1.0-alpha.1') && !isSemver('v1.0') && isSemver('v1.0', true) && !isSemver('01.0.0') && !isSemver('1.0-a', true)",
    # addresses
    "ip('127.0.0.1').family() == 4 && ip('::1').family() == 6 && ip('::1').isLoopback()",
    "isIP('::') && ip('::ffff:c0a8:1') == ip('192.168.0.1') && !isIP('127.0.0.256') && !isIP(':::1') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0') && !isIP('01.2.3.4')",
    "ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')",
    "ip('0.0.0.0').isUnspecified() && ip('224.0.0.1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast()",
    "ip('169.254.169.254').isLinkLocalUnicast() && ip('192.168.0.1').isGlobalUnicast() && !ip('ff00::1').isGlobalUnicast()",
    "string(ip('::0001')) == '::1' && string(cidr('10.0.0.1/8')) == '10.0.0.1/8' && string(1) == '1'",
    "cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))",
    "cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24')) && !cidr('192.168.1.0/24').containsCIDR('192.168.2.0/24')",
    "!cidr('192.168.1.0/24').containsCIDR('192.168.0.0/16') && !cidr('10.0.0.0/8').containsIP('::1')",
    "cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24') && cidr('192.168.0.1/24') != cidr('192.168.0.0/24')",
    "cidr('::1/128').prefixLength() == 128 && cidr('192.168.0.1/24').ip() == ip('192.168.0.1')",
    "isCIDR('::1/128') && !isCIDR('192.168.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0')",
    # formats
    "!format.dns1123Label().validate('my-label-name').hasValue() && format.dns1123Label().validate('My').hasValue()",
    "format.named('dns1123Subdomain').value().validate('a..b').hasValue() && !format.named('nonsense').hasValue()",
    "!format.qualifiedName().validate('apiextensions.k8s.io/v1beta1').hasValue() && format.qualifiedName().validate('/x').hasValue()",
    "!format.dns1035LabelPrefix().validate('my-prefix-').hasValue() && format.dns1035Label().validate('1a').hasValue()",
    "!format.labelValue().validate('').hasValue() && !format.uri().validate('http://example.com').hasValue()",
    "!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue() && format.uuid().validate('1').hasValue()",
    "!format.byte().validate('aGVsbG8=').hasValue() && format.byte().validate('aGVsbG8').hasValue()",
    "!format.date().validate('2021-01-01').hasValue() && format.date().validate('2021-13-01').hasValue()",
    "!format.datetime().validate('2021-01-01T00:00:00Z').hasValue() && format.datetime().validate('2021-01-01').hasValue()",
    # what CEL's own libraries give, as the API server has them
    "'%s has %d'.format(['a', 2]) == 'a has 2' && 'a,b'.split(',').join('-') == 'a-b' && object.?nope.orValue(true)",
    "object.numbers.all(n, n < 4.5) && object.numbers.exists(n, n == 3.0)",
    "type(quantity('1')) == type(quantity('2'))",
]

FAILURES = {
    "[].min() == 1": "empty",
    "quantity('Three').isInteger()": "no quantity",
    "quantity('1e999999999').isInteger()": "no quantity",
    "quantity('500m').asInteger() == 1": "cannot convert",
    "url('nowhere').getHost() == ''": "no absolute URL",
    "ip('nowhere').isLoopback()": "no IP address",
    "semver('1').major() == 1": "no semantic version",
    "object.text.sum() == 0": "no such overload",
    "object.numbers.find('x') == ''": "no such overload",
    "object.text.isInteger()": "no such overload",
    "object.text.isGreaterThan(object.text)": "no such overload",
    "object.text.find('(') == ''": "invalid regular expression",
    "[1, 1].transformMapEntry(i, v, {v: i}) == {1: 1}": "duplicate key",
    "[1].slice(0, 2) == []": "cannot slice",
    "[1].slice(-1, 1) == []": "cannot slice",
    "[1].slice(object.text, 1) == []": "no such overload",
    "object.text.slice(0, 1) == []": "no such overload",
    "[[1]].flatten(-1) == []": "must not be negative",
    "object.numbers.sort() == []": "no such overload",
    "object.text.sort() == []": "no such overload",
    "size(lists.range(9223372036854775807)) == 0": "too many steps",
    "lists.range(object.text) == []": "no such overload",
    "object.text.all(i, v, v == '')": "cannot loop",
}

UNKNOWNS = [
    "[1, object.unknown].sum() == 3",
    "['a', object.unknown].indexOf('b') == 1",
    "object.partly.all(i, v, v != 'b')",
    "object.partly.transformMap(i, v, v)[1] == 'b'",
    "object.unknown.transformMap(k, v, v) == {}",
    "quantity(object.unknown).isInteger()",
    "object.partly.sort() == ['a', 'b']",
    "object.partly.distinct() == ['a']",
    "object.partly.flatten() == ['a']",
    "object.partly.sortBy(x, x)[0] == 'a'",
    "lists.range(object.unknown) == []",
    "sets.contains(object.partly, ['c'])",
    "authorizer.group('').resource('pods').namespace('default').check('create').allowed()",
    "authorizer.requestResource.check('delete').allowed()",
    "authorizer.path('/healthz').check('get').reason() == ''",
    "authorizer.serviceAccount('default', 'a').group('apps').resource('deployments').check('delete').errored()",
]
DECIDED = [
    "['a', object.unknown].indexOf('a') == 0",
    "object.partly.exists(i, v, i == 0 && v == 'a') && !object.partly.all(i, v, v != 'a')",
    "object.partly.transformMap(i, v, v)[0] == 'a' && size(object.partly.transformMap(i, v, v)) == 2",
    "sets.contains(object.partly, ['a'])",
    "sets.intersects(object.partly, ['a'])",
    "object.partly.reverse()[1] == 'a' && object.partly.slice(0, 1) == ['a']",
]

ROOTS: dict[str, Any] = {
    "object": {
        "none": [],
        "text": "abc 123",
        "numbers": [1, 2.0, 3],
        "unknown": Unknown("known after apply", "x"),
        "partly": ["a", Unknown("known after apply", "x")],
    },
    "authorizer": Unknown("nobody to ask"),
}


def value(text: str) -> Any:
    return ENVIRONMENT.compile(text).evaluate(ROOTS)


@pytest.mark.parametrize("text", TRUE + DECIDED)
def test_true(text: str) -> None:
    assert value(text) is True


@pytest.mark.parametrize(("text", "said"), FAILURES.items())
def test_failure(text: str, said: str) -> None:
    found = value(text)
    assert isinstance(found, Failure)
    assert said in found.message


@pytest.mark.parametrize("text", UNKNOWNS)
def test_unknown(text: str) -> None:
    assert isinstance(value(text), Unknown)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("object.a.nosuch()", "nosuch"),
        ("math.greatest(1, 2) == 2", "math"),
        ("jsonpatch.escapeKey('a') == 'a'", "jsonpatch"),
        ("quantity('1') == 1", "_==_"),
        ("nothing.a == 1", "nothing"),
    ],
)
def test_what_is_not_supported_is_a_mistake_that_names_it(text: str, said: str) -> None:
    with pytest.raises(cel.CelError) as caught:
        ENVIRONMENT.compile(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "sets.contains([1, 2], [1]) && [1, 2].sum() == 3 && [1, 2].isSorted() && ['a', 'b'].indexOf('b') == 1",
        "quantity(r.memory).isGreaterThan(quantity('1Gi')) && math.greatest([1, 2].max(), 3) == 3",
        "cidr('10.0.0.0/8').containsIP(r.address) && cel.bind(x, r.text.find('[0-9]+'), x == '12')",
        "url('https://example.com').getHost() == 'example.com' && r.text.upperAscii() == 'A12'",
        "[3, 1].sort() == lists.range(4).filter(n, n % 2 == 1) && [r.text].sortBy(x, size(x)).reverse() == ['a12']",
        "r.text.reverse() == '21a' && isQuantity(r.memory)",
    ],
)
def test_an_expression_copied_from_kubernetes_runs_in_a_policy_of_ones_own(text: str) -> None:
    program = cel.Environment({"r.memory": "string", "r.address": "string", "r.text": "string"}).compile(text)
    assert program.evaluate({"r": {"memory": "2Gi", "address": "10.1.2.3", "text": "a12"}}) is True


def test_a_policy_of_ones_own_has_no_request_to_ask_about() -> None:
    for text in ("authorizer.group('').resource('pods').check('get').allowed()", "sets.contain([1], [1])"):
        with pytest.raises(cel.CelError, match="undeclared"):
            cel.Environment({"r.memory": "string"}).compile(text)
