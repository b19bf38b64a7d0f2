import { errorTable, errorFactory } from './errors.js';

/** Brands, their reference images, and single frames of a stream. */
export const brandErrors = errorTable({
  VD_BRAND_NOT_FOUND: {
    title: 'No such brand',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'Look at the list of brands. A removed one is listed with `deleted=true` and can be brought back.',
  },
  VD_BRAND_NAME_TAKEN: {
    title: 'A brand of this name exists',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Add the image to that brand, or choose another name. Upper and lower case make no difference.',
  },
  VD_BRAND_LIMIT: {
    title: 'The limit of brands or images is reached',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Remove brands or images that are no longer looked for.',
  },
  VD_BRAND_ICON_UNKNOWN: {
    title: 'No such icon',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'Search with GET /api/brand-icons?query=, and take the `slug` of a result; or upload an image.',
  },
  VD_PICTURE_BUSY: {
    title: 'Too many pictures are being read',
    httpStatus: 503,
    retryable: true,
    audience: 'user',
    fix: 'Try again in a few seconds.',
  },
  VD_PICTURE_READER_DOWN: {
    title: 'The process that reads pictures does not start',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Look at the log of the api role and at the free memory of this machine. `npm ci` installs the picture library for this system.',
  },
  VD_BRAND_IMAGE_NOT_FOUND: {
    title: 'No such reference image',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'Look at the images of the brand. A removed one is listed with `deleted=true` and can be brought back.',
  },
  VD_BRAND_IMAGE_UNREADABLE: {
    title: 'The image cannot be read',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Send a whole PNG, JPEG, WebP or SVG file. Opening it in a picture editor and exporting it as PNG helps in most cases.',
  },
  VD_BRAND_IMAGE_REFUSED: {
    title: 'The SVG contains elements that a logo does not need',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Export it as plain SVG: no DOCTYPE, entities or scripts, and pictures embedded, not linked. Or send a PNG.',
  },
  VD_BRAND_IMAGE_TOO_LARGE: {
    title: 'The image is too large',
    httpStatus: 413,
    retryable: false,
    audience: 'user',
    fix: 'Send at most 5 MB and 40 megapixels. 512 pixels on the longer side are all that is used.',
  },
  VD_BRAND_IMAGE_TOO_SMALL: {
    title: 'The logo is too small',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix:
      'Send it larger: what is visible needs 24 pixels or more on its shorter side, 100 are better. From a frame, take one where ' +
      'it is larger.',
  },
  VD_BRAND_IMAGE_NO_CONTRAST: {
    title: 'There is nothing to recognise in the image',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Send an image in which the logo stands out from its background, or has transparency around its shape.',
  },
  VD_BRAND_IMAGE_ASPECT: {
    title: 'The image is too long and narrow',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Send a part of it that is at most 12 times as long as it is wide: the mark without its claim, say.',
  },
  VD_BRAND_IMAGE_DUPLICATE: {
    title: "The image is another brand's",
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Two brands with one look cannot be told apart: remove the other image, send one that differs, or say `allowDuplicate=true`.',
  },
  VD_BRAND_IMAGE_KNOWN: {
    title: 'The brand has this image already',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Nothing to do; a variant must look different. A disabled image can be enabled again.',
  },
  VD_FRAME_NOT_FOUND: {
    title: 'There is no picture at this time',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'Choose a time at which the stream has media; GET /api/streams/{id}/segments lists it.',
  },
  VD_FRAME_GONE: {
    title: 'The media of this time is no longer kept',
    httpStatus: 410,
    retryable: false,
    audience: 'user',
    fix: 'Choose a later time. How long media is kept is set by `retention` in the config.',
  },
  VD_FRAME_UNREADABLE: {
    title: 'The picture cannot be decoded',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Choose another frame, one just after a keyframe for example: the segment is damaged here.',
  },
  VD_FRAME_BOX_INVALID: {
    title: 'The box lies outside the frame',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Give x, y, width and height as shares of the displayed frame: 0 to 1, and x + width and y + height at most 1.',
  },
  VD_REFERENCES_UNAVAILABLE: {
    title: 'The reference images cannot be read',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Check that PostgreSQL runs; Vedette tries again.',
  },
});

export const brandError = errorFactory(brandErrors);
