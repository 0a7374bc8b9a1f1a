// Browsers start no workers for pages that were opened from a file, and the site's search runs in
// one. There, and only there, this runs the worker's script in a hidden frame instead.
if (location.protocol === "file:") {
  const load = (frame, url) =>
    new Promise((done, failed) => {
      const script = frame.contentDocument.createElement("script");
      script.src = url;
      script.onload = done;
      script.onerror = () => failed(new Error(`cannot load ${url}`));
      frame.contentDocument.head.append(script);
    });

  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      const framed = new Promise((done) => {
        this.frame.onload = done;
      });
      document.body.append(this.frame);
      this.ready = framed.then(() => {
        const inside = this.frame.contentWindow;
        inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        inside.importScripts = (...urls) =>
          urls.reduce(
            (before, each) => before.then(() => load(this.frame, each)),
            Promise.resolve(),
          );
        return load(this.frame, new URL(url, document.baseURI).href);
      });
    }

    postMessage(data) {
      const message = new MessageEvent("message", { data });
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(message));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
