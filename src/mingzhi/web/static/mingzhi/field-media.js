/* Camera and microphone: recordings written piece by piece, pictures from the running picture. */
(() => {
  "use strict";
  const F = window.field;
  const TYPES = { video: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"], audio: ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"] };
  const plain = (type) => type.split(";")[0];

  F.camera = {
    stream: null,
    async open(kind, view) {
      F.camera.close();
      const video = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
      F.camera.stream = await navigator.mediaDevices.getUserMedia(
        kind === "audio" ? { audio: true } : kind === "picture" ? { video } : { audio: true, video });
      if (view && kind !== "audio") { view.srcObject = F.camera.stream; await view.play(); }
      return F.camera.stream;
    },
    close() {
      if (F.camera.stream) F.camera.stream.getTracks().forEach((track) => track.stop());
      F.camera.stream = null;
      F.$$("video").forEach((view) => { view.srcObject = null; });
    },
    async picture(view) {
      const canvas = F.el("canvas", {});
      canvas.width = view.videoWidth; canvas.height = view.videoHeight;
      canvas.getContext("2d").drawImage(view, 0, 0);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
      return { blob, at: F.now() };
    },
  };

  // One recording from start to stop. ``interrupted`` is called when it stops to be whole: the page
  // was left, or a device went away. A recording cannot be made again, so what there is is kept.
  F.Recorder = class {
    constructor(kind, stream, interrupted) {
      const type = TYPES[kind].find((t) => MediaRecorder.isTypeSupported(t)) || "";
      this.recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
      this.writer = F.store.writer();
      this.breaks = [];
      const broke = (why) => { this.breaks.push({ at: F.now(), why }); interrupted(why); };
      this.hidden = () => { if (document.hidden) broke(F.say("break_hidden")); };
      document.addEventListener("visibilitychange", this.hidden);
      stream.getTracks().forEach((track) => {
        track.onended = () => { if (this.recorder.state === "recording") broke(F.say("break_device")); };
        track.onmute = () => { if (this.recorder.state === "recording") broke(F.say("break_mute")); };
      });
      this.recorder.ondataavailable = (event) => { if (event.data.size) this.writer.add(event.data); };
    }
    start() { this.began = F.now(); this.recorder.start(1000); }
    async stop() {
      const stopped = new Promise((done) => { this.recorder.onstop = done; });
      this.recorder.stop();
      await stopped;
      document.removeEventListener("visibilitychange", this.hidden);
      const ended = F.now();
      return { ...await this.writer.end(), type: plain(this.recorder.mimeType), began: this.began, ended, breaks: this.breaks };
    }
  };

  F.mediaName = (title, type) => `${title}.${{ "video/webm": "webm", "audio/webm": "webm", "video/mp4": "mp4", "audio/mp4": "m4a", "image/jpeg": "jpg", "image/png": "png" }[type] || "bin"}`;
})();
