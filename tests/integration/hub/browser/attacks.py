"""What a hostile page may try, as bodies of functions in its own language. What they return is what they got."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

READS: Final[Mapping[str, str]] = {
    "a request as the page makes it": "return fetch(api + 'me').then(read)",
    "a request with a mark made up": "return fetch(api + 'me', {headers: {'X-XSRFToken': 'a'.repeat(64)}}).then(read)",
    "a request with whatever mark is in reach": """
        return fetch(api + 'builds', {headers: {'X-XSRFToken': mark()}}).then(read)""",
    "a mark read under a path taken for one's own": """
        history.pushState(null, '', base + 'x');
        return fetch(api + 'builds', {headers: {'X-XSRFToken': mark()}}).then(read)""",
    "a mark from our document": """
        const text = await fetch(base).then(read);
        return text + await fetch(api + 'builds', {headers: {'X-XSRFToken': mark()}}).then(read)""",
    "a mark that comes with a login": """
        await fetch(base + 'login').then(read);
        return fetch(api + 'builds', {headers: {'X-XSRFToken': mark()}}).then(read)""",
    "a mark from another store of cookies": """
        const all = await cookieStore.getAll();
        const headers = {'X-XSRFToken': all.map(each => each.value).join('')};
        return JSON.stringify(all) + await fetch(api + 'builds', {headers}).then(read)""",
    "a download that no link began": "return fetch(api + 'builds/' + build + '/log?download').then(read)",
    "a request that says it follows a link": "return fetch(base, {mode: 'navigate'}).then(read)",
    "an old request": """return new Promise(done => {
        const old = new XMLHttpRequest();
        old.onloadend = () => done(old.responseText);
        old.open('GET', api + 'builds');
        old.send();
    })""",
    "a stream": """return new Promise(done => {
        const stream = new EventSource(api + 'builds/' + build + '/log');
        stream.onopen = () => done('SEEN');
        stream.onerror = () => done('');
        stream.addEventListener('log', event => done('SEEN' + event.data));
    })""",
    "a module": "return import(api + 'builds', {with: {type: 'json'}}).then(found => JSON.stringify(found.default))",
    "a frame of the page": "return framed('iframe', 'src', base)",
    "a frame of an answer": "return framed('iframe', 'src', api + 'builds')",
    "a frame of a log": "return framed('iframe', 'src', api + 'builds/' + build + '/log')",
    "an object": "return framed('object', 'data', base)",
    "an embedded page": "return framed('embed', 'src', base)",
    "a window": "return opened(base)",
    "a window that is led to us later": """
        const other = open(location.href);
        await pause();
        other.location = base;
        await pause();
        return looked(other)""",
}
WRITES: Final[Mapping[str, str]] = {
    "a request as the page makes it": "return fetch(api + 'builds', {method: 'POST', body: wish, headers: json})",
    "a request with whatever mark is in reach": """
        history.pushState(null, '', base);
        return fetch(api + 'builds', {method: 'POST', body: wish, headers: {...json, 'X-XSRFToken': mark()}})""",
    "a request that asks for no answer": "return fetch(api + 'builds', {method: 'POST', body: wish, mode: 'no-cors'})",
    "a farewell": """
        navigator.sendBeacon(api + 'builds', new Blob([wish], {type: 'application/json'}));
        await pause()""",
    "a form": """
        const form = document.createElement('form');
        Object.assign(form, {method: 'POST', action: api + 'builds', enctype: 'text/plain', target: 'sent'});
        form.innerHTML = `<input name='${wish.slice(0, -1)}, "x": "' value='"}'>`;
        document.body.append(Object.assign(document.createElement('iframe'), {name: 'sent'}), form);
        form.submit();
        await pause()""",
    "a forgotten build": "return fetch(api + 'builds/' + build, {method: 'DELETE'})",
}
TOOLS: Final = """
    const api = base + 'api/v1/', json = {'Content-Type': 'application/json'};
    const pause = () => new Promise(done => setTimeout(done, 1000));
    const read = answer => answer.text();
    const mark = () => (document.cookie.match(/_xsrf=([^;]*)/g) ?? []).join('').replaceAll('_xsrf=', '');
    const looked = other => {
        try {
            return other.document.cookie + other.document.documentElement.innerText;
        } catch (error) {
            return '';
        }
    };
    const framed = async (kind, name, address) => {
        const frame = document.createElement(kind);
        frame[name] = address;
        document.body.append(frame);
        await pause();
        return looked({document: frame.contentDocument ?? frame.getSVGDocument()});
    };
    const opened = async address => {
        const other = open(address);
        await pause();
        return looked(other);
    };
"""
"""What all of them may use, and what a page around them says: ``base``, ``build`` and ``wish``."""
