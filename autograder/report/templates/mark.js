// Keys of the marking page. Everything works without them: links and a form.
(function () {
  var form = document.getElementById("mark");
  var points = document.getElementById("points");
  var comment = document.getElementById("comment");
  var dirty = false;
  form.addEventListener("input", function () { dirty = true; });
  form.addEventListener("submit", function () { dirty = false; });
  window.addEventListener("beforeunload", function (event) { if (dirty) event.preventDefault(); });
  points.select();
  var go = function (id) {
    var link = document.getElementById(id);
    if (link) link.click();
  };
  var put = function (value) {
    points.value = value;
    dirty = true;
    points.focus();
  };
  var keys = {
    n: function () { go("next"); }, p: function () { go("previous"); }, u: function () { go("to-do"); },
    c: function () { comment.focus(); },
    f: function () { put(points.dataset.full); }, z: function () { put("0"); }
  };
  document.addEventListener("keydown", function (event) {
    if (event.target === comment) {
      if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); }
      if (event.key === "Escape") points.focus();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
